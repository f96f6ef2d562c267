"""The pages: server-rendered, one module and one folder of templates a resource.

A new resource: a router in `suggest/web/NAME.py` whose functions take
`page: Annotated[Page, Depends(page_for("ACTION"))]` and answer `page.render("NAME/x.html", ...)`
or `page.see_other(url, "message")`; templates extend `base.html`; a line in `mounting.RESOURCES`.
A form carries `csrf_token`; htmx sends it by itself. What a function raises becomes a page, or a
message in the page when htmx asked.
"""

from suggest.web.mounting import mount

__all__ = ["mount"]
