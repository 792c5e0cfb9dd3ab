/** The longest deadline, in milliseconds: a timer counts in 31 bits, and with more it ends at once. */
export const longestDeadline = 24 * 86_400_000;
