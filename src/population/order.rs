//! An order in which everything comes after what it needs.

/// Positions so that each comes after its dependencies, else as they were.
///
/// `needs[i]` are positions of what `i` depends on.
///
/// # Errors
/// A cycle: each position depends on the next, and the last is the first again.
pub(super) fn order(needs: &[Vec<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    let mut done = vec![false; needs.len()];
    let mut order = Vec::with_capacity(needs.len());
    let ready = |i: usize, done: &[bool]| !done[i] && needs[i].iter().all(|&need| done[need]);
    while order.len() < needs.len() {
        let before = order.len();
        for i in 0..needs.len() {
            if ready(i, &done) {
                done[i] = true;
                order.push(i);
            }
        }
        if order.len() == before {
            return Err(cycle(needs, &done));
        }
    }
    Ok(order)
}

/// Follows unmet needs until a position comes again: everything that is left has one.
fn cycle(needs: &[Vec<usize>], done: &[bool]) -> Vec<usize> {
    let unmet = |list: &[usize]| list.iter().copied().find(|&i| !done[i]);
    let mut path = Vec::new();
    let mut at = done.iter().position(|&d| !d);
    while let Some(i) = at {
        if let Some(start) = path.iter().position(|&seen| seen == i) {
            path.push(i);
            return path.split_off(start);
        }
        path.push(i);
        at = unmet(&needs[i]);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_come_first_and_the_rest_stays() {
        assert_eq!(order(&[vec![3], vec![], vec![0, 1], vec![1]]), Ok(vec![1, 3, 0, 2]));
    }

    #[test]
    fn a_cycle_is_named() {
        assert_eq!(order(&[vec![1], vec![2], vec![3], vec![1]]), Err(vec![1, 2, 3, 1]));
        assert_eq!(order(&[vec![0]]), Err(vec![0, 0]));
    }
}
