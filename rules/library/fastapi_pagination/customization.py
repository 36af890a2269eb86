"""``CustomizedPage[Page, …]`` is a page, with other parameters if ``UseParams`` says so."""


class CustomizedPage:
    pass


class PageCustomizer:
    def __init__(self, *positional, **options):
        self.options = options


class UseParams(PageCustomizer):
    def __init__(self, params):
        self.params = params


class UseName(PageCustomizer):
    pass


class UseModule(PageCustomizer):
    pass


class UseIncludeTotal(PageCustomizer):
    pass


class UseQuotedCursor(PageCustomizer):
    pass


class UseParamsFields(PageCustomizer):
    pass


class UseOptionalParams(PageCustomizer):
    pass


class UseModelConfig(PageCustomizer):
    pass


class UseExcludedFields(PageCustomizer):
    pass


class UseFieldsAliases(PageCustomizer):
    pass


class UseAdditionalFields(PageCustomizer):
    pass
