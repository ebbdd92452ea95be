/** Bodies of every route, in bytes. */
export const bodyBytesMax = 8 * 1024;
