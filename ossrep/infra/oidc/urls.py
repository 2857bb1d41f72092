"""The provider's addresses, below ``/oidc``."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView, TemplateView

from ossrep.infra.oidc.accounts import views as accounts
from ossrep.infra.oidc.authorize import AuthorizeView
from ossrep.infra.oidc.documents import DiscoveryView, KeysView, UserinfoView
from ossrep.infra.oidc.sign_in import SignInView
from ossrep.infra.oidc.sign_out import ConfirmedEndSessionView, EndSessionView
from ossrep.infra.oidc.token_endpoint import RevocationView, TokenView
from ossrep.infra.web.surfaces import Route

ROUTES: list[Route] = [
    path("oidc/", RedirectView.as_view(pattern_name="oidc-account"), name="oidc-home"),
    path("oidc/.well-known/openid-configuration", DiscoveryView.as_view(), name="oidc-discovery"),
    path("oidc/jwks", KeysView.as_view(), name="oidc-keys"),
    path("oidc/authorize", AuthorizeView.as_view(), name="oidc-authorize"),
    path("oidc/token", TokenView.as_view(), name="oidc-token"),
    path("oidc/revoke", RevocationView.as_view(), name="oidc-revoke"),
    path("oidc/userinfo", UserinfoView.as_view(), name="oidc-userinfo"),
    path("oidc/login", SignInView.as_view(), name="oidc-login"),
    path(
        "oidc/signed-in",
        TemplateView.as_view(template_name="oidc/signed_in.html"),
        name="oidc-signed-in",
    ),
    path("oidc/sign-up", accounts.SignUpView.as_view(), name="oidc-sign-up"),
    path(
        "oidc/sign-up/confirm",
        accounts.ConfirmSignUpView.as_view(),
        name="oidc-sign-up-confirm",
    ),
    path("oidc/password/forgotten", accounts.ForgottenView.as_view(), name="oidc-forgotten"),
    path("oidc/password/new", accounts.NewPasswordView.as_view(), name="oidc-new-password"),
    path("oidc/email/confirm", accounts.ConfirmEmailView.as_view(), name="oidc-email-confirm"),
    path("oidc/account", accounts.AccountView.as_view(), name="oidc-account"),
    path(
        "oidc/account/password",
        accounts.ChangePasswordView.as_view(),
        name="oidc-account-password",
    ),
    path("oidc/account/email", accounts.ChangeEmailView.as_view(), name="oidc-account-email"),
    path("oidc/account/close", accounts.CloseView.as_view(), name="oidc-account-close"),
    path("oidc/end-session", EndSessionView.as_view(), name="oidc-end-session"),
    path(
        "oidc/end-session/confirmed",
        ConfirmedEndSessionView.as_view(),
        name="oidc-end-session-confirmed",
    ),
]
