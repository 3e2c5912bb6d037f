"""Tables with intervals drawn inside: forest plots as SVG, for desktop, phone and paper."""
