from fastapi import APIRouter, Depends

from shop import paths
from shop.security import current_user


class Orders:
    def __init__(self) -> None:
        self.items: list[str] = []


def build_router(orders: Orders, *, section: str = "", with_stock: bool = False) -> APIRouter:
    router = APIRouter(prefix=section)

    @router.get(paths.ORDERS, dependencies=[Depends(current_user)])
    def list_orders() -> list[str]:
        return orders.items

    @router.post(f"{paths.LINES}/{{line_id}}")  # expect: BG101
    def add_line(order_id: int, line_id: int) -> list[str]:
        orders.items.append(f"{order_id}/{line_id}")
        return orders.items

    if with_stock:

        @router.get(paths.Section.STOCK)
        def stock(user: str = Depends(current_user)) -> list[str]:
            return [*orders.items, user]

    return router
