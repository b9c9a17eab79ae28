// The keys of the desk, in a dialog that opens with ? and closes with Esc.

export function addHelp(page) {
  const dialog = page.querySelector(".help");
  const opener = page.querySelector(".open-help");
  const open = () => dialog.open || dialog.showModal();
  opener.addEventListener("click", open);
  dialog.addEventListener("close", () => opener.focus());
  return open;
}
