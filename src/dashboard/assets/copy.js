// Copies what its button names; without script the text is selected by hand.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.copy);
    const said = document.getElementById(button.getAttribute("aria-describedby"));
    field.select();
    navigator.clipboard.writeText(field.value).then(
      () => (said.textContent = button.dataset.copied),
      () => undefined,
    );
  });
}
