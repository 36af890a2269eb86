"""The router that serves a GraphQL schema of strawberry, as far as a backend can be judged by it.

Never imported by the gate: it is read in place of the library. What a query may do is the schema's affair;
here are the routes and what they depend on.
"""

from strawberry.fastapi.router import GraphQLRouter
