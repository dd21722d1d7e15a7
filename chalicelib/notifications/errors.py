"""Refusals of this domain."""

from chalicelib.foundation.kernel.errors import Failure, Kind


class TemplateUnknown(Failure):
    """A message names a template that does not exist, or a subject that the template is not about."""

    code = "notifications.template_unknown"
    kind = Kind.UNPROCESSABLE
    title_zh = "没有这个通知模板"
    title_en = "There is no such message template"
