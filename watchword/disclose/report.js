"use strict";
const button = document.getElementById("all");
if (button) button.addEventListener("click", () => {
  const cards = [...document.querySelectorAll(".card details")];
  const open = cards.some((one) => !one.open);
  cards.forEach((one) => { one.open = open; });
  button.textContent = open ? "Close all evidence" : "Open all evidence";
});
