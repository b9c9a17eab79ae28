"""Written border agreements: lists of them read, recorded, withdrawn."""
