from ariadne import QueryType, make_executable_schema

query = QueryType()
schema = make_executable_schema("type Query { ships: Int }", query)
