// The sign-in's code is spent; it need not stay in the address bar and the history.
window.history.replaceState(null, "", window.location.pathname);
