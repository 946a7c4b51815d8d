//! Which states depend on each other.

/// The strongly connected component of each row: two are in the same if each depends on the other, be it through
/// others (S. R. Kosaraju's algorithm, in M. Sharir, Comput. Math. Appl. 7, 1981, 67-72).
pub(crate) fn components(columns: &[Vec<usize>]) -> Vec<usize> {
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
