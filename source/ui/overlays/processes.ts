/** The process list: its rows are `state.processes.rows`. */

/** Lines above the list. */
export const processHead = 1;
