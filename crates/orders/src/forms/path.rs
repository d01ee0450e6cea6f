//! Where a value stands in the document, as a JSON Pointer (RFC 6901).
//!
//! A path is a chain of borrowed steps on the stack; it costs nothing until an error renders it.

/// A longer key is cut in a pointer, so that an answer never repeats a huge request.
const MAX_KEY_CHARS: usize = 128;

/// The place of a value: the place of its parent, and one step.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Root,
    Key(&'p str),
    Index(usize),
}

/// The document itself; its pointer is the empty text.
pub(super) static ROOT: Path<'static> = Path { parent: None, step: Step::Root };
/// The lines of forms 2, 3 and 5.
pub(super) static ITEMS: Path<'static> = ROOT.key("items");
/// The lines of form 4.
pub(super) static PRODUCTS: Path<'static> = ROOT.key("products");

impl<'p> Path<'p> {
    /// The member `key` of this object.
    pub(super) const fn key(&'p self, key: &'p str) -> Path<'p> {
        Path { parent: Some(self), step: Step::Key(key) }
    }

    /// The element `index` of this array.
    pub(super) const fn index(&'p self, index: usize) -> Path<'p> {
        Path { parent: Some(self), step: Step::Index(index) }
    }

    /// The JSON Pointer.
    pub(super) fn pointer(&self) -> String {
        let mut pointer = self.parent.map(Path::pointer).unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Key(key) => push_key(&mut pointer, key),
            Step::Index(index) => pointer.push_str(&format!("/{index}")),
        }
        pointer
    }
}

fn push_key(pointer: &mut String, key: &str) {
    pointer.push('/');
    for (n, char) in key.chars().enumerate() {
        match char {
            _ if n == MAX_KEY_CHARS => return pointer.push('…'),
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            char if char.is_control() => pointer.push(char::REPLACEMENT_CHARACTER),
            char => pointer.push(char),
        }
    }
}
