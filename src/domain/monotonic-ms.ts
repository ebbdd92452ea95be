/**
 * The process's own time in ms, for what lasts a while within it. Unlike the time of day it is never set back: a pause or
 * something kept would last until the clock has caught up.
 */
export const monotonicMs = (): number => performance.now();
