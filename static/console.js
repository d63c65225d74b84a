// The console works without this file. It counts what is changed and not saved yet, less the panels, which save nothing.
const words = document.querySelector("[data-unsaved]");
const isChanged = (box) => box.options
  ? [...box.options].some((option) => option.selected !== option.defaultSelected)
  : box.type !== "hidden" && (box.value !== box.defaultValue || box.checked !== box.defaultChecked);
if (words) {
  const saved = words.textContent;
  const form = words.closest("form");
  const count = () => {
    const changed = [...form.elements].filter((box) => box.name && box.type !== "submit" && !box.closest(".panel") && isChanged(box)).length;
    words.textContent = changed ? words.dataset.unsaved.replace("#", changed) : saved;
    words.classList.toggle("soft", !changed);
  };
  form.addEventListener("input", count);
  addEventListener("pageshow", count); // Back keeps what was typed
}
// On a phone the rooms are one row that scrolls: show the one that is open.
const room = document.querySelector(".rooms [aria-current]");
if (room) room.closest("ul").scrollLeft = room.offsetLeft - 100;
