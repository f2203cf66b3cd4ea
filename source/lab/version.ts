/** Version of the simulator, as package.json has it; a test compares the two. */
export const mmtopVersion = '0.1.0';
