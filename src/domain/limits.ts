/** Bodies of every route, in bytes. */
export const bodyBytesMax = 8 * 1024;
/** Event streams of one request in one browser; further tabs ask from time to time instead. */
export const streamsPerRequestMax = 3;
/** Event streams of one process. */
export const streamsPerProcessMax = 500;
