"""Adapters on the hub: each module joins an integration with its options, its metrics and the hub that it runs in.

Only these modules, `hub.wiring`, the HTTP faces in `hub.http.api` and the command line know the package
`integrations`.
"""
