//! Several pictures as one.

use super::{FONT, WIDTH};

/// Height of a title above a picture.
const TITLE: f64 = 24.0;
/// Letters of such a title.
const LONGEST_TITLE: usize = 64;

/// Several pictures with titles as one, two in a row.
pub(in crate::report) fn panels(panels: &[(String, String)]) -> String {
    let rows: Vec<&[(String, String)]> = panels.chunks(2).collect();
    let heights: Vec<f64> = rows.iter().map(|row| TITLE + highest(row)).collect();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"{FONT}\">",
        WIDTH * panels.len().min(2) as f64,
        heights.iter().sum::<f64>()
    );
    let mut y = 0.0;
    for (row, height) in rows.into_iter().zip(heights) {
        for (column, (title, panel)) in row.iter().enumerate() {
            let x = WIDTH * column as f64;
            let title = escaped(&shortened(title));
            svg += &format!(
                "<text x=\"{}\" y=\"{}\" font-size=\"15\" fill=\"currentColor\">{title}</text>",
                x + 12.0,
                y + 18.0
            );
            svg += &panel.replacen("<svg ", &format!("<svg x=\"{x}\" y=\"{}\" ", y + TITLE), 1);
        }
        y += height;
    }
    svg + "</svg>"
}

/// The height of the highest of some pictures.
fn highest(row: &[(String, String)]) -> f64 {
    let height = |svg: &str| svg.split_once("height=\"")?.1.split_once('"')?.0.parse::<f64>().ok();
    row.iter().filter_map(|(_, svg)| height(svg)).fold(0.0, f64::max)
}

/// What fits above a picture: the first part of a long text.
fn shortened(text: &str) -> String {
    let first = text.split(';').next().unwrap_or(text);
    if first.chars().count() <= LONGEST_TITLE {
        return first.to_owned();
    }
    first.chars().take(LONGEST_TITLE - 1).chain(['\u{2026}']).collect()
}

/// Text that XML may hold.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_as_high_as_their_highest_picture() {
        let picture = |height: u32| (String::new(), format!("<svg width=\"580\" height=\"{height}\"></svg>"));
        let svg = panels(&[picture(100), picture(300), picture(50)]);
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1160\" height=\"398\""));
        assert!(svg.contains("<svg x=\"0\" y=\"348\" width=\"580\" height=\"50\""));
    }
}
