"""What can be wrong where the service meets the outside: addresses, ports, pages."""

from dataclasses import dataclass

from geo_service.errors.error import Forbidden, GeoServiceError, Unavailable


@dataclass(eq=False)
class NotLoopback(Forbidden):
    """Binding to anything but loopback while there is no access control."""

    host: str
    zh = "演示模式·未启用权限：只能监听本机（127.0.0.1），不能监听 {host}"
    en = "no access control yet: only loopback (127.0.0.1) may be bound, not {host}"


@dataclass(eq=False)
class ForeignOrigin(Forbidden):
    """A write that comes from another site, or a request for another host."""

    header: str
    value: str
    zh = "拒绝来自外站的请求（{header}: {value}）"
    en = "refused: the request comes from elsewhere ({header}: {value})"


@dataclass(eq=False)
class PortTaken(Unavailable):
    """Another program listens on the port."""

    host: str
    port: int
    zh = "端口 {port} 已被占用：用 serve --port 或 GEO_SERVICE_PORT 换一个，演示用 PORT=8001 make demo"
    en = "port {port} is taken: choose another with serve --port or GEO_SERVICE_PORT, for the demo with PORT=8001 make demo"


@dataclass(eq=False)
class MissingAssets(Unavailable):
    """The browser assets were not built."""

    path: str
    zh = "缺少浏览器资源 {path}：核对 GEO_SERVICE_STATIC_FOLDER；在源代码里先运行 make assets，用安装包的请重新安装"
    en = "browser assets are missing ({path}): look at GEO_SERVICE_STATIC_FOLDER; in a checkout run make assets first, from a bundle install again"


@dataclass(eq=False)
class ExternalReference(GeoServiceError):
    """A rendered page that would load something from outside; a mistake of ours, never of the user."""

    where: str
    address: str
    zh = "页面未输出：{where} 引用了外部地址 {address}，而本系统不得加载任何外部内容"
    en = "page refused: {where} refers to the outside address {address}; nothing may be loaded from outside"
