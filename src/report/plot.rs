//! Figures as SVG: the one place that knows the library which draws them.
//!
//! Lines and words take the colour of the text around them, so that a figure is at home on light and on dark.

use kuva::backend::svg::SvgBackend;
use kuva::plot::{BandPlot, BarPlot, ForestPlot, Histogram, LinePlot, ScatterPlot};
use kuva::render::annotations::ReferenceLine;
use kuva::render::layout::{Layout, TickFormat};
use kuva::render::plots::Plot;
use kuva::render::render::render_multiple;
use kuva::render::theme::Theme;

/// Size of a picture, and of a title above it.
const WIDTH: f64 = 580.0;
const HEIGHT: f64 = 330.0;
const TITLE: f64 = 24.0;
/// Letters of such a title.
const LONGEST_TITLE: usize = 64;
/// What every system has.
const FONT: &str = "system-ui, sans-serif";

/// Colours that are told apart by the colour-blind (Okabe and Ito 2008, without black and yellow).
const COLOURS: [&str; 6] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00"];

/// The colour of the i-th of several things.
pub(super) fn colour(i: usize) -> &'static str {
    COLOURS[i % COLOURS.len()]
}

/// Colours of something that gets worse, `of` of them from the mildest.
pub(super) fn shade(i: usize, of: usize) -> &'static str {
    const SHADES: [&str; 5] = ["#c6dbef", "#9ecae1", "#fdae6b", "#e6550d", "#a63603"];
    SHADES[(i + SHADES.len() - of.min(SHADES.len())).min(SHADES.len() - 1)]
}

/// What stands along the axes.
#[derive(Debug, Clone, Default)]
pub(super) struct Axes {
    pub(super) x: String,
    pub(super) y: String,
    /// What the positions 1, 2, ... on the x axis are.
    pub(super) categories: Vec<String>,
    pub(super) log_y: bool,
    /// The ends of the y axis.
    pub(super) range: Option<[f64; 2]>,
    /// Values on the y axis to compare with.
    pub(super) limits: Vec<(f64, String)>,
}

/// What is drawn.
#[derive(Debug, Clone)]
pub(super) enum Mark {
    /// Between two curves: `(x, low, high)`.
    Band { points: Vec<[f64; 3]>, colour: &'static str, opacity: f64 },
    /// A curve.
    Line { points: Vec<[f64; 2]>, colour: &'static str, name: String },
    /// Values that hold until the next.
    Steps { points: Vec<[f64; 2]>, colour: &'static str, name: String },
    /// Values with what they may be: `(x, y, low, high)`.
    Points { points: Vec<[f64; 4]>, colour: &'static str, name: String, size: f64 },
}

/// Draws marks.
pub(super) fn marks(axes: &Axes, marks: &[Mark]) -> String {
    draw(axes, marks.iter().map(plot).collect())
}

/// Bars over categories, of parts on top of each other: `[category][part]`.
pub(super) fn stacked(
    axes: &Axes,
    parts: &[(String, &'static str)],
    values: &[Vec<f64>],
    points: &[Mark],
) -> String {
    let mut bars = BarPlot::new().with_stacked().with_width(0.7);
    for (label, values) in axes.categories.iter().zip(values) {
        bars = bars.with_group(label.clone(), values.iter().copied().zip(parts.iter().map(|part| part.1)));
    }
    bars = bars.with_legend(parts.iter().map(|part| part.0.as_str()).collect());
    draw(axes, std::iter::once(bars.into()).chain(points.iter().map(plot)).collect())
}

/// Bars between edges.
pub(super) fn histogram(axes: &Axes, edges: Vec<f64>, counts: Vec<f64>) -> String {
    draw(axes, vec![Histogram::from_bins(edges, counts).with_color(colour(4)).into()])
}

/// Bars of single patients side by side, each in its colour; `parts` are what the colours mean.
pub(super) fn waterfall(
    axes: &Axes,
    bars: &[(f64, &'static str)],
    parts: &[(String, &'static str)],
) -> String {
    let data = bars.iter().map(|(value, colour)| (String::new(), *value, *colour));
    let plot = BarPlot::new().with_colored_bars(data).with_width(0.9);
    // Nothing to see but a name and a colour.
    let key = |(name, colour): &(String, &'static str)| {
        LinePlot::new().with_data([(1.0, 0.0)]).with_color(*colour).with_legend(name.clone()).into()
    };
    draw(axes, std::iter::once(plot.into()).chain(parts.iter().map(key)).collect())
}

/// Several pictures with titles as one, two in a row.
pub(super) fn panels(panels: &[(String, String)]) -> String {
    let (width, height) = (WIDTH, HEIGHT + TITLE);
    let columns = panels.len().min(2);
    let rows = panels.len().div_ceil(2);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"{FONT}\">",
        width * columns as f64,
        height * rows as f64
    );
    for (i, (title, panel)) in panels.iter().enumerate() {
        let (x, y) = (width * (i % 2) as f64, height * (i / 2) as f64);
        let title = escaped(&shortened(title));
        svg += &format!(
            "<text x=\"{}\" y=\"{}\" font-size=\"15\" fill=\"currentColor\">{title}</text>",
            x + 12.0,
            y + 18.0
        );
        svg += &panel.replacen("<svg ", &format!("<svg x=\"{x}\" y=\"{}\" ", y + TITLE), 1);
    }
    svg + "</svg>"
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
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Rows of a value with its interval, from the top.
pub(super) fn forest(axes: &Axes, rows: &[(String, [f64; 3])], nothing: f64) -> String {
    let forest = ForestPlot::new().with_null_value(nothing).with_show_null_line(true).with_color(COLOURS[0]);
    let row = |forest: ForestPlot, (name, [value, low, high]): &(String, [f64; 3])| {
        forest.with_row(name.clone(), *value, *low, *high)
    };
    draw(axes, vec![rows.iter().fold(forest, row).into()])
}

fn plot(mark: &Mark) -> Plot {
    match mark {
        Mark::Band { points, colour, opacity } => {
            let [x, low, high] = [0, 1, 2].map(|i| points.iter().map(move |p| p[i]).collect::<Vec<_>>());
            BandPlot::new(x, low, high).with_color(*colour).with_opacity(*opacity).into()
        }
        Mark::Line { points, colour, name } => line(points, colour, name).into(),
        Mark::Steps { points, colour, name } => line(points, colour, name).with_step().into(),
        Mark::Points { points, colour, name, size } => {
            let errors = points.iter().map(|p| (p[1] - p[2], p[3] - p[1]));
            let scatter = ScatterPlot::new().with_data(points.iter().map(|p| (p[0], p[1])));
            let scatter = scatter.with_y_err_asymmetric(errors).with_color(*colour).with_size(*size);
            if name.is_empty() { scatter.into() } else { scatter.with_legend(name.clone()).into() }
        }
    }
}

fn line(points: &[[f64; 2]], colour: &str, name: &str) -> LinePlot {
    let line = LinePlot::new().with_data(points.iter().map(|p| (p[0], p[1]))).with_color(colour);
    let line = line.with_stroke_width(2.0);
    if name.is_empty() { line } else { line.with_legend(name) }
}

fn draw(axes: &Axes, plots: Vec<Plot>) -> String {
    let theme = Theme {
        background: "none".into(),
        axis_color: "currentColor".into(),
        grid_color: "#8888".into(),
        tick_color: "currentColor".into(),
        text_color: "currentColor".into(),
        legend_bg: "none".into(),
        legend_border: "none".into(),
        box_median: "currentColor".into(),
        ..Theme::light()
    };
    let mut layout = Layout::auto_from_plots(&plots)
        .with_theme(theme)
        .with_font_family(FONT)
        .with_width(WIDTH)
        .with_height(HEIGHT)
        .with_x_label(axes.x.clone())
        .with_y_label(axes.y.clone())
        .with_x_tick_format(TickFormat::Auto);
    if !axes.categories.is_empty() {
        let last = axes.categories.len() as f64 + 0.5;
        layout = layout.with_x_categories(axes.categories.clone()).with_x_axis_min(0.5).with_x_axis_max(last);
    }
    if axes.log_y {
        layout = layout.with_log_y();
    }
    if let Some([low, high]) = axes.range {
        layout = layout.with_y_axis_min(low).with_y_axis_max(high);
    }
    for (value, name) in &axes.limits {
        let line = ReferenceLine::horizontal(*value).with_label(name.clone()).with_color("#888888");
        layout = layout.with_reference_line(line);
    }
    SvgBackend::new().render_scene(&render_multiple(plots, layout))
}
