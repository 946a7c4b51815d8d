//! The spectral radius of a sparse matrix: the fastest rate of linear equations.
//!
//! States that do not depend on each other mutually are in different blocks of the matrix, whose eigenvalues are those
//! of its blocks on the diagonal. A vector that is multiplied by a block again and again grows in the long run by its
//! radius at each turn (the power method: R. von Mises & H. Pollaczek-Geiringer, ZAMM 9, 1929, 58-77). Each turn is as
//! much work as the block has entries.

use super::scatter::scattered;

/// Turns of a round, over which growth is averaged.
const TURNS: u32 = 16;
/// Rounds at least, so that what the vector has little of in the beginning outgrows the rest.
const FEWEST: usize = 3;
/// Rounds at most.
const MOST: usize = 8;
/// Change of the logarithm of growth from a round to the next at which it has settled.
const SETTLED: f64 = 0.01;

/// Where a matrix has entries, block by block.
pub(super) struct Pattern {
    blocks: Vec<Block>,
}

/// States that depend on each other.
#[derive(Default)]
struct Block {
    size: usize,
    /// Row, column, position among the entries of all blocks.
    entries: Vec<(usize, usize, usize)>,
}

impl Pattern {
    /// The pattern of a matrix by the columns in each of its rows, and which of its entries count: their rows and
    /// positions in these.
    pub(super) fn new(columns: &[Vec<usize>]) -> (Self, Vec<(usize, usize)>) {
        let block_of = components(columns);
        let count = block_of.iter().max().map_or(0, |last| last + 1);
        let mut blocks: Vec<Block> = (0..count).map(|_| Block::default()).collect();
        let place = |&block: &usize| {
            blocks[block].size += 1;
            blocks[block].size - 1
        };
        let place: Vec<usize> = block_of.iter().map(place).collect();
        let mut counted = Vec::new();
        for (row, columns) in columns.iter().enumerate() {
            for (position, &column) in columns.iter().enumerate() {
                if block_of[column] == block_of[row] {
                    blocks[block_of[row]].entries.push((place[row], place[column], counted.len()));
                    counted.push((row, position));
                }
            }
        }
        (Self { blocks }, counted)
    }

    /// The spectral radius, given the entries that count; blocks in which one is not finite are left out.
    pub(super) fn radius(&self, entries: &[f64]) -> f64 {
        let radii = self.blocks.iter().map(|block| block.radius(entries));
        radii.filter(|radius| radius.is_finite()).fold(0.0, f64::max)
    }
}

impl Block {
    fn radius(&self, entries: &[f64]) -> f64 {
        let mut vector: Vec<f64> = (0..self.size as u64).map(|i| 0.5 + scattered(i)).collect();
        let mut product = vec![0.0; self.size];
        let mut rounds: Vec<f64> = Vec::with_capacity(MOST);
        while rounds.len() < MOST {
            let mut growth = 0.0;
            for _ in 0..TURNS {
                product.fill(0.0);
                for &(row, column, position) in &self.entries {
                    product[row] += entries[position] * vector[column];
                }
                if !product.iter().all(|x| x.is_finite()) {
                    return f64::NAN;
                }
                let size = product.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
                if size == 0.0 {
                    return 0.0;
                }
                growth += size.ln() / f64::from(TURNS);
                vector.iter_mut().zip(&product).for_each(|(to, x)| *to = x / size);
            }
            let settled = rounds.last().is_some_and(|before| (growth - before).abs() < SETTLED);
            rounds.push(growth);
            if settled && rounds.len() >= FEWEST {
                return growth.exp();
            }
        }
        // Sizes that come and go, as those of oscillations do.
        (rounds[1..].iter().sum::<f64>() / (MOST - 1) as f64).exp()
    }
}

/// The strongly connected component of each row: two are in the same if each depends on the other, be it through
/// others (S. R. Kosaraju's algorithm, in M. Sharir, Comput. Math. Appl. 7, 1981, 67-72).
pub(super) fn components(columns: &[Vec<usize>]) -> Vec<usize> {
    let n = columns.len();
    let mut reached = vec![false; n];
    let order: Vec<usize> = (0..n).flat_map(|row| finished(columns, row, &mut reached)).collect();
    let mut rows = vec![Vec::new(); n];
    for (row, columns) in columns.iter().enumerate() {
        columns.iter().for_each(|&column| rows[column].push(row));
    }
    let mut reached = vec![false; n];
    let mut component = vec![0; n];
    let found = order.into_iter().rev().map(|row| finished(&rows, row, &mut reached));
    for (number, members) in found.filter(|members| !members.is_empty()).enumerate() {
        members.into_iter().for_each(|row| component[row] = number);
    }
    component
}

/// What can be reached from a node and was not before, in the order in which a search in depth leaves it.
fn finished(edges: &[Vec<usize>], from: usize, reached: &mut [bool]) -> Vec<usize> {
    let mut left = Vec::new();
    let mut path = Vec::new();
    if !reached[from] {
        reached[from] = true;
        path.push((from, 0));
    }
    while let Some((node, next)) = path.last_mut() {
        match edges[*node].get(*next) {
            Some(&to) => {
                *next += 1;
                if !reached[to] {
                    reached[to] = true;
                    path.push((to, 0));
                }
            }
            None => {
                left.push(*node);
                path.pop();
            }
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The radius of a dense matrix of n rows.
    fn radius(matrix: &[f64], n: usize) -> f64 {
        let columns: Vec<Vec<usize>> =
            matrix.chunks(n).map(|row| (0..n).filter(|&column| row[column] != 0.0).collect()).collect();
        let (pattern, counted) = Pattern::new(&columns);
        let entries: Vec<f64> =
            counted.iter().map(|&(row, position)| matrix[row * n + columns[row][position]]).collect();
        pattern.radius(&entries)
    }

    #[test]
    fn radii_of_known_matrices() {
        // Eigenvalues -1 and -1000; i and -i; a binding with rates of 1e6, badly scaled; 1 ± 1000 i, badly scaled.
        for (matrix, expected) in [
            ([-1.0, 5.0, 0.0, -1000.0], 1000.0),
            ([0.0, 1.0, -1.0, 0.0], 1.0),
            ([-1e6, 1.0, 1e6, -2.0], 1e6),
            ([1.0, 1e7, -0.1, 1.0], 1000.0),
        ] {
            let got = radius(&matrix, 2);
            assert!((got / expected - 1.0).abs() < 0.1, "{got}, {expected}");
        }
        assert_eq!(radius(&[0.0, 1.0, 0.0, 0.0], 2), 0.0);
        assert_eq!(radius(&[f64::NAN, 1.0, 1.0, -2.0], 2), 0.0);
    }

    /// Diffusion between 2,000 cells in a row: eigenvalues -2 + 2 cos(pi j / 2001), and far too many for a cube.
    #[test]
    fn many_coupled_states_are_no_burden() {
        let n = 2_000;
        let columns: Vec<Vec<usize>> =
            (0..n).map(|i: usize| (i.saturating_sub(1)..(i + 2).min(n)).collect()).collect();
        let (pattern, counted) = Pattern::new(&columns);
        assert_eq!(pattern.blocks.len(), 1);
        let entry =
            |&(row, position): &(usize, usize)| if columns[row][position] == row { -2.0 } else { 1.0 };
        let entries: Vec<f64> = counted.iter().map(entry).collect();
        assert!((pattern.radius(&entries) / 4.0 - 1.0).abs() < 0.05);
    }

    #[test]
    fn components_are_of_those_that_depend_on_each_other() {
        // 0 and 2 on each other, 1 on both, 3 on 1, 4 on itself.
        let columns = [vec![2], vec![0, 2], vec![0], vec![1], vec![4]];
        let of = components(&columns);
        assert_eq!(of[0], of[2]);
        let distinct: std::collections::HashSet<usize> = of.into_iter().collect();
        assert_eq!(distinct.len(), 4);
    }
}
