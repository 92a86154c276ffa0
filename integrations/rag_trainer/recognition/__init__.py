"""How the type, the structure and the metadata of a text are recognised: rules, without a model.

Rules read the folded text (`folding.fold`), which is as long as the text itself, so a place in one is a place in the
other. Every pattern has bounded repetitions: the time grows with the length of the text, whatever stands in it.
"""
