ORDERS = "/orders"
LINES = f"{ORDERS}/{{order_id}}/lines"


class Section:
    STOCK = "/stock"
