"use strict";
const button = document.getElementById("all");
if (button) button.addEventListener("click", () => {
  const cards = [...document.querySelectorAll(".card details, .proposition details")];
  const open = cards.some((one) => !one.open);
  cards.forEach((one) => { one.open = open; });
  button.textContent = open ? "Close all evidence" : "Open all evidence";
});
const show = () => {
  const place = document.getElementById(location.hash.slice(1));
  for (let one = place && place.closest("details"); one; one = one.parentElement.closest("details")) one.open = true;
  if (place) place.scrollIntoView();
};
addEventListener("hashchange", show);
if (location.hash) show();
