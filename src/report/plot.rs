//! Figures as SVG: the one place that knows the library which draws them.
//!
//! Lines and words take the colour of the text around them, so that a figure is at home on light and on dark.

mod grid;
mod panels;

use kuva::backend::svg::SvgBackend;
use kuva::plot::{
    BandPlot, BarPlot, ForestPlot, Histogram, LinePlot, MarkerShape, ScatterPlot, WaterfallPlot,
};
use kuva::render::annotations::ReferenceLine;
use kuva::render::layout::{Layout, TickFormat};
use kuva::render::plots::Plot;
use kuva::render::render::render_multiple;
use kuva::render::theme::Theme;

pub(super) use grid::grid;
pub(super) use panels::panels;

/// Size of a picture.
const WIDTH: f64 = 580.0;
const HEIGHT: f64 = 330.0;
/// What something is called, its value, and the ends of its interval.
pub(super) type Interval = (String, [f64; 3]);

/// Height of a row of a picture of rows, and of what is about them.
const ROW: f64 = 17.0;
const ABOUT_ROWS: f64 = 80.0;
/// Letters of categories that stand side by side.
const MOST_LETTERS: usize = 60;
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
    /// What the positions 1, 2, ... on the y axis are, from the bottom.
    pub(super) rows: Vec<String>,
    pub(super) log_y: bool,
    /// The ends of the y axis.
    pub(super) range: Option<[f64; 2]>,
    /// What the x axis holds at least.
    pub(super) holds: Option<[f64; 2]>,
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
    /// The curve of one of many, so thin that the others are seen.
    Thread { points: Vec<[f64; 2]>, colour: &'static str, name: String },
    /// A thick line from one value of x to another.
    Lane { y: f64, ends: [f64; 2], colour: &'static str, name: String },
    /// Values with what they may be: `(x, y, low, high)`.
    Points { points: Vec<[f64; 4]>, colour: &'static str, name: String, size: f64 },
    /// What happened, where.
    Symbols { points: Vec<[f64; 2]>, colour: &'static str, name: String, symbol: Symbol },
}

/// What stands for something that happened.
#[derive(Debug, Clone, Copy)]
pub(super) enum Symbol {
    Dot,
    Circle,
    Square,
    Triangle,
    Diamond,
    Cross,
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

/// Bars between edges, and marks over them.
pub(super) fn histogram(axes: &Axes, edges: Vec<f64>, counts: Vec<f64>, over: &[Mark]) -> String {
    let bars = Histogram::from_bins(edges, counts).with_color(colour(4));
    draw(axes, std::iter::once(bars.into()).chain(over.iter().map(plot)).collect())
}

/// Bars from one value to the next, the first from 0.
pub(super) fn steps(axes: &Axes, values: &[f64]) -> String {
    let plot = WaterfallPlot::new().with_color_positive(colour(1)).with_color_negative(colour(0));
    let from = std::iter::once(0.0).chain(values.iter().copied());
    let step = |plot: WaterfallPlot, (i, (from, &to)): (usize, (f64, &f64))| {
        plot.with_difference((i + 1).to_string(), from, to)
    };
    draw(axes, vec![from.zip(values).enumerate().fold(plot, step).with_connectors().into()])
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

/// Rows of a value with its interval, from the top.
pub(super) fn forest(axes: &Axes, rows: &[Interval], nothing: Option<f64>) -> String {
    let forest = ForestPlot::new().with_show_null_line(nothing.is_some()).with_color(COLOURS[0]);
    let forest = forest.with_null_value(nothing.unwrap_or(0.0));
    let row = |forest: ForestPlot, (name, [value, low, high]): &(String, [f64; 3])| {
        forest.with_row(name.clone(), *value, *low, *high)
    };
    let height = HEIGHT.max(ABOUT_ROWS + ROW * rows.len() as f64);
    draw_as_high(axes, vec![rows.iter().fold(forest, row).into()], height)
}

fn plot(mark: &Mark) -> Plot {
    match mark {
        Mark::Band { points, colour, opacity } => {
            let [x, low, high] = [0, 1, 2].map(|i| points.iter().map(move |p| p[i]).collect::<Vec<_>>());
            BandPlot::new(x, low, high).with_color(*colour).with_opacity(*opacity).into()
        }
        Mark::Line { points, colour, name } => line(points, colour, name).into(),
        Mark::Steps { points, colour, name } => line(points, colour, name).with_step().into(),
        Mark::Thread { points, colour, name } => line(points, colour, name).with_stroke_width(1.0).into(),
        Mark::Lane { y, ends: [from, to], colour, name } => {
            line(&[[*from, *y], [*to, *y]], colour, name).with_stroke_width(7.0).into()
        }
        Mark::Symbols { points, colour, name, symbol } => {
            let (shape, size) = match symbol {
                Symbol::Dot => (MarkerShape::Circle, 1.6),
                Symbol::Circle => (MarkerShape::Circle, 4.0),
                Symbol::Square => (MarkerShape::Square, 3.5),
                Symbol::Triangle => (MarkerShape::Triangle, 4.0),
                Symbol::Diamond => (MarkerShape::Diamond, 4.5),
                Symbol::Cross => (MarkerShape::Cross, 4.0),
            };
            let scatter = ScatterPlot::new().with_data(points.iter().map(|p| (p[0], p[1])));
            let scatter = scatter.with_color(*colour).with_size(size).with_marker(shape);
            if name.is_empty() { scatter.into() } else { scatter.with_legend(name.clone()).into() }
        }
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
    draw_as_high(axes, plots, HEIGHT.max(ABOUT_ROWS + ROW * axes.rows.len() as f64))
}

fn draw_as_high(axes: &Axes, plots: Vec<Plot>, height: f64) -> String {
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
        .with_height(height)
        .with_x_label(axes.x.clone())
        .with_y_label(axes.y.clone())
        .with_x_tick_format(TickFormat::Auto);
    if !axes.categories.is_empty() {
        let last = axes.categories.len() as f64 + 0.5;
        layout = layout.with_x_categories(axes.categories.clone()).with_x_axis_min(0.5).with_x_axis_max(last);
        let letters: usize = axes.categories.iter().map(|name| name.chars().count() + 2).sum();
        if letters > MOST_LETTERS {
            layout = layout.with_x_tick_rotate(-30.0);
        }
    }
    if !axes.rows.is_empty() {
        let last = axes.rows.len() as f64 + 0.5;
        layout = layout.with_y_categories(axes.rows.clone()).with_y_axis_min(0.5).with_y_axis_max(last);
    }
    if let Some([low, high]) = axes.holds {
        layout = layout.with_x_axis_min(low).with_x_axis_max(high);
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
