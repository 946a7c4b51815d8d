//! Pictures as pixels.

use std::sync::Arc;

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use super::error::ReportError;

/// The letters of every picture, so that it is the same on every machine: DejaVu Sans 2.37, under the licence beside it.
const FONT: &[u8] = include_bytes!("fonts/DejaVuSans.ttf");
const FAMILY: &str = "DejaVu Sans";

/// A picture (SVG) as PNG: so many pixels wide, on white.
///
/// # Errors
/// [`ReportError::Pixels`] if it cannot be drawn so large.
pub(super) fn png(svg: &str, width: u32) -> Result<Vec<u8>, ReportError> {
    let failed = |reason: String| ReportError::Pixels { width, reason };
    let mut options = Options { font_family: FAMILY.to_owned(), ..Options::default() };
    let fonts = Arc::make_mut(&mut options.fontdb);
    fonts.load_font_data(FONT.to_vec());
    fonts.set_sans_serif_family(FAMILY);
    let tree = Tree::from_str(svg, &options).map_err(|error| failed(error.to_string()))?;
    let scale = width as f32 / tree.size().width();
    let height = (tree.size().height() * scale).ceil() as u32;
    let mut pixels = Pixmap::new(width, height).ok_or_else(|| failed("it is too large".into()))?;
    pixels.fill(Color::WHITE);
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| failed(error.to_string()))
}
