"""A run answers one message: it finds context, asks the model, and writes down what comes."""
