"""Sphinx's configuration for the handbook. build.py runs it on a staging folder."""

project = "Keyward"
author = "The Keyward authors"
copyright = "The Keyward authors"
html_title = "Keyward"

extensions = ["myst_parser"]
myst_heading_anchors = 4
smartquotes = False
nitpicky = True
language = "en"

html_theme = "furo"
html_static_path = ["style.css"]
html_css_files = ["style.css"]
templates_path = ["templates"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_favicon = "../../core/assets/favicon.svg"
pygments_style = "default"
pygments_dark_style = "github-dark"
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "rustdoc.html",
        "sidebar/scroll-end.html",
    ]
}
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1f5f99", "color-brand-content": "#1f5f99"},
    "dark_css_variables": {"color-brand-primary": "#7db8f0", "color-brand-content": "#7db8f0"},
}
