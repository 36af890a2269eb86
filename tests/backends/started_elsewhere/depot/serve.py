"""What the server is started with: it names no web library."""

from depot.server.app import create_app, register_routes

app = create_app(guarded=True)
register_routes(app)
