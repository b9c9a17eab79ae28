"""What others feel of a publication: locate and intake over HTTP, idle and while one is stored.

The service runs as a process of its own with one worker. Its clients are one process that locates
places and one that reports issues, each one after the other without a pause; a publication waits
until both have seen enough of the idle service.
"""

import http.client
import json
import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event as Flag
from pathlib import Path
from queue import Empty
from typing import Any

import numpy as np
import orjson
import shapely

from bench.locate_http import HEADERS, connected, serving
from bench.publication import OPEN_ISSUES, filled, moved, turned
from geo_service.layers.area import Boundaries
from geo_service.layers.files import write_features
from geo_service.settings import Settings

IDLE_S = 10.0
ROUNDS = 4
SIZE = 50
_JSON = {**HEADERS, "Content-Type": "application/json"}
