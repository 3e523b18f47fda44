"""What is to be written: modules of classes with fields, each piece of Python as text."""

from __future__ import annotations

from attrs import define, field

__all__ = ["Annotation", "ClassModel", "FieldModel", "Imports", "ModuleModel"]


@define
class Imports:
    """Names that a module imports.

    Attributes:
        names: By module; None imports the module itself, under the name it is listed for.
        lazy: Modules of generated classes, relative to the package, by the name they get; imported when a class of
            theirs is looked up.
    """

    names: dict[str, set[str]] = field(factory=dict)
    modules: dict[str, str] = field(factory=dict)
    lazy: dict[str, str] = field(factory=dict)

    def use(self, module: str, name: str) -> str:
        """Import *name* of *module*, and give it."""
        self.names.setdefault(module, set()).add(name)
        return name

    def module(self, module: str, name: str) -> str:
        """Import *module* as *name*, and give that."""
        self.modules[module] = name
        return name


@define
class Annotation:
    """A type, and what stands beside it in ``Annotated``.

    Attributes:
        type: Such as ``list[str]``.
        markers: Such as ``Pattern('^a')``.
        optional: Whether None is admitted too.
    """

    type: str
    markers: list[str] = field(factory=list)
    optional: bool = False

    def text(self, imports: Imports) -> str:
        """Print it."""
        kind = f"{self.type} | None" if self.optional else self.type
        if not self.markers:
            return kind
        return f"{imports.use('typing', 'Annotated')}[{kind}, {', '.join(self.markers)}]"


@define(kw_only=True)
class FieldModel:
    """A field of a class.

    Attributes:
        name: In Python.
        annotation: Its type, printed; empty for a member of an enum.
        default: Its default, printed; None when it has none.
        doc: The string under it; empty for none.
        comment: The line above it, without the ``#``; empty for none.
    """

    name: str
    annotation: str
    default: str | None = None
    doc: str = ""
    comment: str = ""


@define(kw_only=True)
class ClassModel:
    """A class.

    Attributes:
        name: In Python.
        decorator: What stands after the ``@``; empty for none.
        doc: The docstring; empty for none.
        base: The class it derives from; empty for none.
        fields: In order.
        comment: The line above it, without the ``#``; empty for none.
        places: At how many places of the schema it stands: equal schemas are one class.
    """

    name: str
    decorator: str
    doc: str = ""
    base: str = ""
    comment: str = ""
    fields: list[FieldModel] = field(factory=list)
    places: int = 1

    def expressions(self) -> list[str]:
        """Give what is printed of it that may say something of the schema: the decorator, and the fields' types."""
        return [text for text in (self.decorator, *(each.annotation for each in self.fields)) if text]


@define(kw_only=True)
class ModuleModel:
    """A module.

    Attributes:
        doc: Its docstring.
        imports: What it uses.
        classes: In order: a class comes after those its fields are of.
        comments: Lines above the docstring, without the ``#``.
        public: What it exports beside the classes.
    """

    doc: str
    imports: Imports = field(factory=Imports)
    classes: list[ClassModel] = field(factory=list)
    comments: list[str] = field(factory=list)
    public: list[str] = field(factory=list)
