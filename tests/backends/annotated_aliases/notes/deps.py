from notes.auth import CurrentUser as Writer
from notes.auth import Limit, Of, Store

Notes = Of[Store]
