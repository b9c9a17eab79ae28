"""A rendered page as a reader and a browser take it: its text, its tags, its data block."""

import json
from html.parser import HTMLParser


class PageText(HTMLParser):
    """Text, tags and the data block of a page."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts, self.scripts = [], [], []
        self._inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, _tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside != "style":
            self.texts.append(data.strip())

    @property
    def text(self):
        return " ".join(filter(None, self.texts))

    @property
    def data(self):
        kinds = [attrs.get("type") for tag, attrs in self.tags if tag == "script"]
        return json.loads(self.scripts[kinds.index("application/json")])

    def all(self, tag, **wanted):
        return [
            attrs
            for name, attrs in self.tags
            if name == tag and all(attrs.get(key) == value for key, value in wanted.items())
        ]
