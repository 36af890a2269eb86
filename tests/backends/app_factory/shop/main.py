from fastapi import FastAPI

from shop.orders import Orders, build_router
from shop.settings import Settings, get_settings


def create_app(settings: Settings | None = None) -> FastAPI:
    settings = settings or get_settings()
    app = FastAPI(title=settings.title)
    orders = Orders()
    app.include_router(build_router(orders), prefix=settings.api_prefix)
    app.include_router(build_router(orders, section="/shop", with_stock=True), prefix=f"{settings.api_prefix}/b2b")
    return app
