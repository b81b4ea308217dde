// Before anything is drawn: a chosen theme must not flash in the other's colours.
try {
  const theme = localStorage.getItem("dqueue.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // No storage, no choice: the system's theme holds.
}
