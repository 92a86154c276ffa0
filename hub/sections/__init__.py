"""The options of single parts of the hub: each module is a section of the configuration. `hub.options` joins them."""
