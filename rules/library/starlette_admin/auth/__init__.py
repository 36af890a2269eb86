from starlette_admin.auth.base import AdminUser, AuthMiddleware, AuthProvider, BaseAuthProvider, OAuthProvider
