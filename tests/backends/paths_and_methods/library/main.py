from fastapi import FastAPI

from library import admin
from library.books import books, open_books

app = FastAPI()
app.include_router(open_books)
app.include_router(books)
app.include_router(admin.router)
