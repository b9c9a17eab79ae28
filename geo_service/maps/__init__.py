"""The only room that knows folium and templates."""
