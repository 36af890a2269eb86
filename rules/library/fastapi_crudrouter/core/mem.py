"""A table in memory."""

from fastapi_crudrouter.core._base import NOT_FOUND, CRUDGenerator


class MemoryCRUDRouter(CRUDGenerator):
    def __init__(self, schema, *positional, **options):
        self.models = []
        super().__init__(schema, *positional, **options)

    def _get_all(self):
        def route(pagination=self.pagination):
            return self.models[pagination["skip"] :]

        return route

    def _get_one(self):
        def route(item_id: int):
            return self._kept(item_id)

        return route

    def _create(self):
        def route(model: self.create_schema):
            self.models.append(model)
            return model

        return route

    def _update(self):
        def route(item_id: int, model: self.update_schema):
            self.models.remove(self._kept(item_id))
            self.models.append(model)
            return model

        return route

    def _delete_all(self):
        def route():
            self.models.clear()
            return self.models

        return route

    def _delete_one(self):
        def route(item_id: int):
            self.models.remove(self._kept(item_id))

        return route

    def _kept(self, item_id):
        for model in self.models:
            if model.id == item_id:
                return model
        raise NOT_FOUND
