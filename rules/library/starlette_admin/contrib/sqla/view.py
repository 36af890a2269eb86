"""The pages of one table."""


class ModelView:
    def __init__(self, model, **options):
        self.model = model
