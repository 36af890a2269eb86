"""A table of SQLAlchemy; the project's session is a dependency of each route."""

from fastapi import Depends, HTTPException
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fastapi_crudrouter.core._base import NOT_FOUND, CRUDGenerator


class SQLAlchemyCRUDRouter(CRUDGenerator):
    def __init__(self, schema, db_model, db, create_schema=None, update_schema=None, prefix=None, **options):
        self.db_model = db_model
        self.db_func = db
        super().__init__(
            schema, create_schema, update_schema, prefix=prefix or db_model.__tablename__, **options
        )

    def _get_all(self):
        def route(db: Session = Depends(self.db_func), pagination=self.pagination):
            return db.query(self.db_model).offset(pagination["skip"]).all()

        return route

    def _get_one(self):
        def route(item_id: int, db: Session = Depends(self.db_func)):
            return self._kept(item_id, db)

        return route

    def _create(self):
        def route(model: self.create_schema, db: Session = Depends(self.db_func)):
            try:
                row = self.db_model(**model.dict())
                db.add(row)
                db.commit()
                return row
            except IntegrityError as error:
                db.rollback()
                raise HTTPException(422) from error

        return route

    def _update(self):
        def route(item_id: int, model: self.update_schema, db: Session = Depends(self.db_func)):
            try:
                row = self._kept(item_id, db)
                for key, value in model.dict().items():
                    setattr(row, key, value)
                db.commit()
                return row
            except IntegrityError as error:
                db.rollback()
                raise HTTPException(422) from error

        return route

    def _delete_all(self):
        def route(db: Session = Depends(self.db_func)):
            db.query(self.db_model).delete()
            db.commit()

        return route

    def _delete_one(self):
        def route(item_id: int, db: Session = Depends(self.db_func)):
            db.delete(self._kept(item_id, db))
            db.commit()

        return route

    def _kept(self, item_id, db):
        row = db.query(self.db_model).get(item_id)
        if row is None:
            raise NOT_FOUND
        return row
