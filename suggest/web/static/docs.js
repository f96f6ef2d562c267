// The API's documentation. No outside validator: the server may have no way to the internet.

const main = document.getElementById("api");
SwaggerUIBundle({
  url: main.dataset.openapi,
  domNode: main,
  deepLinking: true,
  showCommonExtensions: true,
  validatorUrl: null,
});
