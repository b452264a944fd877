"use strict";
// Sends the check-in as soon as the page is there; a place is asked for only when the button is tapped.

const atOnce = document.querySelector("#at-once");
if (atOnce) atOnce.requestSubmit();

const whereabouts = document.querySelector("#whereabouts");
if (whereabouts) {
  whereabouts.addEventListener("submit", (event) => {
    const field = whereabouts.elements.place;
    if (field.value) return;
    event.preventDefault();
    const failed = () => { document.querySelector("#no-place").hidden = false; };
    if (!navigator.geolocation) { failed(); return; }
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      field.value = `${coords.latitude},${coords.longitude}`;
      whereabouts.requestSubmit();
    }, failed, { enableHighAccuracy: true, timeout: 15000, maximumAge: 0 });
  });
}
