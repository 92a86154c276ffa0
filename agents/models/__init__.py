"""Language models: the port, endpoints that speak OpenAI's API, and a responder that needs none."""
