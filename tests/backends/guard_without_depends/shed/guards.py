from fastapi import Header, HTTPException


def keyholder(x_api_key: str = Header("")) -> str:
    if x_api_key != "k-1":
        raise HTTPException(status_code=401)
    return x_api_key


def providers_do_not_guard(x_locale: str = Header("en")) -> str:
    return x_locale.lower()
