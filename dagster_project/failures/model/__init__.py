"""The second classifier: learnt from labelled messages, judged on unseen ones, asked where no pattern matches.

`linear` is the model, `features` what it reads (words, `concepts`, `forms`); `judgement` tells whether it may speak,
`second_opinion` speaks.
"""
